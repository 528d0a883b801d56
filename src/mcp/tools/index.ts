import type { Tool } from '../tool.ts'
import { activityList } from './activity-list.ts'
import { changesetDeliver } from './changeset-deliver.ts'
import { changesetGet } from './changeset-get.ts'
import { changesetIntegrate } from './changeset-integrate.ts'
import { knowledgeAdd } from './knowledge-add.ts'
import { knowledgeSearch } from './knowledge-search.ts'
import { planDraft } from './plan-draft.ts'
import { planSubmit } from './plan-submit.ts'
import { prdCheck } from './prd-check.ts'
import { prdCreate } from './prd-create.ts'
import { prdEdit } from './prd-edit.ts'
import { prdExport } from './prd-export.ts'
import { prdGet } from './prd-get.ts'
import { prdImport } from './prd-import.ts'
import { prdList } from './prd-list.ts'
import { prdUpdate } from './prd-update.ts'
import { repositoryList } from './repository-list.ts'
import { repositoryRegister } from './repository-register.ts'
import { runControl } from './run-control.ts'
import { runStart } from './run-start.ts'
import { runStatus } from './run-status.ts'
import { spekiStatus } from './speki-status.ts'
import { taskClaim } from './task-claim.ts'
import { taskComplete } from './task-complete.ts'
import { taskCreate } from './task-create.ts'
import { taskGet } from './task-get.ts'
import { taskList } from './task-list.ts'
import { taskRollback } from './task-rollback.ts'
import { taskUpdate } from './task-update.ts'
import { taskValidate } from './task-validate.ts'

/** Every tool, in the order in which clients list them: the work loop first. */
export const tools: readonly Tool[] = [
  spekiStatus,
  taskClaim,
  taskGet,
  taskUpdate,
  taskValidate,
  taskComplete,
  repositoryRegister,
  repositoryList,
  prdCreate,
  prdGet,
  prdList,
  prdEdit,
  prdUpdate,
  prdCheck,
  prdImport,
  prdExport,
  planDraft,
  planSubmit,
  taskList,
  taskCreate,
  knowledgeAdd,
  knowledgeSearch,
  activityList,
  taskRollback,
  runStart,
  runStatus,
  runControl,
  changesetGet,
  changesetIntegrate,
  changesetDeliver,
]
