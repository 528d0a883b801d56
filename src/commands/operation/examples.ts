/** Shown below the help of the commands people begin with. */
export const EXAMPLES: Readonly<Record<string, readonly string[]>> = {
  repository_register: ['speki repository register .', 'speki repository register ../shop/packages/api --name api'],
  prd_create: [
    'speki prd create "Guest checkout" --body @checkout.md --repositories api --repositories web',
    'pandoc notes.docx -t markdown | speki prd create "Guest checkout" --body -',
  ],
  prd_list: ['speki prd list --json | jq -r ".prds[].id"'],
  prd_get: ['speki prd get PRD-1', 'speki prd get PRD-1 --include requirements --include tasks'],
  prd_check: ['speki prd check PRD-1', 'speki prd check PRD-1 --apply-split'],
  plan_draft: ['speki plan draft PRD-1 --json > draft.json'],
  plan_submit: ['jq .tasks draft.json | speki plan submit PRD-1 --base-revision 1 --tasks -'],
  task_list: [
    'speki task list --ready',
    'speki task list PRD-1 --status blocked',
    'speki task list --limit 100 | cut -f1,2',
  ],
  task_claim: ['speki task claim', 'speki task claim TASK-2 --worktree'],
  task_create: [
    'speki task create "Name the shop in the footer" --repository web --acceptance-criteria "The footer shows the name"',
  ],
  task_update: [
    'speki task update TASK-2 --status blocked --reason "waits for the design"',
    'speki task update TASK-2 --note @findings.md',
  ],
  task_complete: ['speki task complete TASK-2 --lease-token TOKEN --evidence @evidence.json'],
  run_start: ['speki run start PRD-1 --dry-run', 'speki run start --tasks TASK-1 --tasks TASK-2 --agent codex'],
  knowledge_add: ['speki knowledge add "Migrations run before the server starts" --category gotchas'],
  knowledge_search: ['speki knowledge search migrations'],
  activity_list: ['speki activity list --subject TASK-2'],
}
