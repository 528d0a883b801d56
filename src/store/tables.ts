import type { Generated } from 'kysely'

/**
 * Row types, the same on SQLite and PostgreSQL. Instants are epoch milliseconds, flags are 0 or 1,
 * JSON is opaque text that the aggregate's module parses; nothing filters on it.
 */
export interface Tables {
  workspace: { id: number; uuid: string; created_at: number }
  /** Last key number handed out, one row a noun. */
  counter: { name: string; value: number }
  event: {
    id: Generated<number>
    at: number
    type: string
    subject: string
    prd_id: number | null
    repository_id: number | null
    actor: string
    revision: number | null
    payload: string
    previous_hash: string
    hash: string
  }
  repository: {
    id: Generated<number>
    name: string
    root: string | null
    common_dir: string | null
    first_commit: string | null
    subpath: string
    remote_url: string | null
    default_branch: string | null
    description: string
    owners: string
    facts: string
    commands: string
    revision: number
    created_at: number
    updated_at: number
  }
  prd: {
    id: number
    title: string
    kind: string
    state: string
    parent_id: number | null
    owners: string
    revision: number
    version: number
    hash: string
    created_at: number
    updated_at: number
    deleted_at: number | null
  }
  prd_repository: { prd_id: number; repository_id: number }
  prd_revision: {
    prd_id: number
    number: number
    hash: string
    body: string
    actor: string
    reason: string
    based_on: number | null
    at: number
  }
  requirement: {
    id: number
    prd_id: number
    position: number
    label: string | null
    form: string
    text: string
    section: string
    line_start: number
    line_end: number
    criteria: string
    /** Revision that no longer has it; null while the text has it. */
    removed_in: number | null
  }
  plan: { id: number; prd_id: number; prd_revision: number; actor: string; at: number; superseded_at: number | null }
  task: {
    id: number
    alias: string | null
    title: string
    description: string
    repository_id: number
    prd_id: number | null
    plan_id: number | null
    prd_revision: number | null
    stale: number
    status: string
    /** How many of its dependencies are not done; 0 with status todo means ready. Kept in the transaction of every edge and status change. */
    waiting_on: number
    criteria: string
    test_cases: string
    complexity: string
    priority: number
    position: number
    context: string
    /** JSON of why it is blocked, failed or cancelled. */
    cause: string | null
    holder: string | null
    holder_session: string | null
    lease_hash: string | null
    lease_expires_at: number | null
    fence: number
    revision: number
    created_at: number
    updated_at: number
    finished_at: number | null
  }
  task_dependency: { task_id: number; depends_on: number }
  task_requirement: { task_id: number; requirement_id: number }
  task_note: { id: Generated<number>; task_id: number; text: string; actor: string; at: number }
  validation: {
    id: number
    task_id: number
    fence: number
    worktree: string
    tree_hash: string
    commit_id: string | null
    passed: number
    complete: number
    checks: string
    at: number
    base_commit: string | null
    /** JSON: sentences. */
    findings: string
  }
  claim_start: { task_id: number; fence: number; checks: string; places: string; at: number }
  evidence: {
    id: Generated<number>
    task_id: number
    validation_id: number | null
    answers: string
    summary: string
    override_reason: string | null
    actor: string
    at: number
  }
  knowledge: {
    id: number
    kind: string
    category: string
    text: string
    repository_id: number | null
    task_id: number | null
    actor: string
    at: number
    resolved_at: number | null
  }
  /** What the workspace decides, one JSON value a name. */
  setting: { name: string; value: string; updated_at: number }
  accepted_finding: { prd_id: number; finding: string; rule: string; reason: string; actor: string; at: number }
  /** What an agent found under a lens; holds for the text with this hash alone. */
  lens_review: { prd_id: number; lens: string; text_hash: string; findings: string; actor: string; at: number }
  /** Where else a thing is, with both sides as they were when last in step. */
  link: { noun: string; id: number; source: string; ref: string; ours: string; theirs: string; at: number }
  run: {
    id: number
    prd_id: number | null
    title: string
    state: string
    wanted: string
    options: string
    /** The checks it began with, by repository. */
    checks: string
    change_set_id: number
    /** Worker that tests and delivers what is finished; null: nobody yet. */
    finisher: string | null
    retried_at: number | null
    reason: string | null
    actor: string
    created_at: number
    started_at: number | null
    ended_at: number | null
  }
  run_task: { run_id: number; task_id: number }
  /** A process that works on runs. Alive while its lease holds; one without `ended_at` whose lease is over has died. */
  worker: {
    id: string
    host: string
    pid: number
    lease_expires_at: number
    started_at: number
    ended_at: number | null
  }
  attempt: {
    id: number
    task_id: number
    number: number
    run_id: number | null
    change_set_id: number
    worker_id: string | null
    fence: number
    state: string
    agent: string
    session: string | null
    root: string
    worktree: string
    branch: string
    base_commit: string
    commit_id: string | null
    mark: string
    rounds: number
    usage: string
    report: string | null
    started_at: number
    ended_at: number | null
  }
  change_set: {
    id: number
    prd_id: number | null
    title: string
    state: string
    detail: string
    created_at: number
    updated_at: number
  }
  change_set_member: {
    change_set_id: number
    repository_id: number
    branch: string
    target: string
    base_commit: string
    head_commit: string
    state: string
    detail: string
  }
  /** What is about to happen outside the database, and what came of it; no outcome means nobody knows yet. */
  step: {
    id: Generated<number>
    key: string
    subject: string
    intent: string
    outcome: string | null
    at: number
    ended_at: number | null
  }
  /** What the checks show on a commit before anybody changed it. */
  baseline: { repository_id: number; commit_id: string; commands: string; result: string; at: number }
  /** A subscriber of the event log and how far it is: everything up to `last_event` was handled or set aside. */
  follower: {
    name: string
    state: string
    last_event: number
    /** In a row, of the event after `last_event`. */
    failures: number
    retry_at: number | null
    error: string | null
    /** Worker that delivers to it now. */
    holder: string | null
    fence: number
    /** When a host last offered to run it; long ago means that nobody knows the name any more. */
    offered_at: number
    updated_at: number
  }
  /** An event that a subscriber could not take and went on without. */
  dead_event: { follower: string; event_id: number; error: string; at: number }
  job: {
    id: Generated<number>
    name: string
    /** Of two jobs of a name and key one runs at a time, and one waits at most. */
    key: string | null
    payload: string
    state: string
    recurring: number
    attempts: number
    due_at: number
    holder: string | null
    fence: number
    error: string | null
    created_at: number
    started_at: number | null
    ended_at: number | null
  }
  /** Answers of mutating calls, so that a retried call is answered and not repeated. */
  idempotency: {
    id: Generated<number>
    owner: string
    key_hash: string
    session: string
    tool: string
    request_hash: string
    answer: string
    at: number
  }
}
