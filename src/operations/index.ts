import { changesetDeliver } from './change-set/changeset-deliver.ts'
import { changesetGet } from './change-set/changeset-get.ts'
import { changesetIntegrate } from './change-set/changeset-integrate.ts'
import { knowledgeAdd } from './knowledge/knowledge-add.ts'
import { knowledgeSearch } from './knowledge/knowledge-search.ts'
import type { Operation } from './operation.ts'
import { planDraft } from './plan/plan-draft.ts'
import { planSubmit } from './plan/plan-submit.ts'
import { prdCheck } from './prd/prd-check.ts'
import { prdCreate } from './prd/prd-create.ts'
import { prdEdit } from './prd/prd-edit.ts'
import { prdExport } from './prd/prd-export.ts'
import { prdGet } from './prd/prd-get.ts'
import { prdImport } from './prd/prd-import.ts'
import { prdList } from './prd/prd-list.ts'
import { prdUpdate } from './prd/prd-update.ts'
import { repositoryList } from './repository/repository-list.ts'
import { repositoryRegister } from './repository/repository-register.ts'
import { runControl } from './run/run-control.ts'
import { runStart } from './run/run-start.ts'
import { runStatus } from './run/run-status.ts'
import { activityList } from './status/activity-list.ts'
import { spekiStatus } from './status/speki-status.ts'
import { taskClaim } from './task/task-claim.ts'
import { taskComplete } from './task/task-complete.ts'
import { taskCreate } from './task/task-create.ts'
import { taskGet } from './task/task-get.ts'
import { taskList } from './task/task-list.ts'
import { taskRollback } from './task/task-rollback.ts'
import { taskUpdate } from './task/task-update.ts'
import { taskValidate } from './task/task-validate.ts'

/** Every tool, in the order in which clients list them: the work loop first. */
export const operations: readonly Operation[] = [
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
