/** A guide: served as a resource and, where `arguments` says so, as a prompt; the same text for every client. */
export interface Guide {
  readonly topic: string
  readonly title: string
  readonly description: string
  readonly text: string
}

export const guides: readonly Guide[] = [
  {
    topic: 'write-prd',
    title: 'Write a PRD',
    description: 'Write a PRD that can be planned across repositories',
    text: `# Write a PRD

1. Ask who is hit by the problem, what it costs, and what must be true when it is solved. Do not guess numbers.
2. Register each repository it touches with repository_register (absolute path).
3. Call prd_create with the title, the repositories and the Markdown text (or template=true to start from the template).
   - One behaviour a requirement, with an id: "### FR-001: Short name", then "The system shall …".
   - Under it "Acceptance criteria:" with observable checks: "Given …, when …, then …".
   - Name the repository where it is known: "[repo: name]".
   - Replace adjectives by limits: not "fast" but "within 200 ms at p95".
   - What is undecided goes under "Open questions"; what is excluded under "Non-goals".
4. Call prd_check and mend what it finds with prd_edit (base_revision is the revision you read).
   A conflict writes nothing and returns base, mine and theirs: decide and edit again.
5. Go on with plan_draft.`,
  },
  {
    topic: 'decompose',
    title: 'Decompose a PRD',
    description: 'Turn a PRD into a checked plan of tasks',
    text: `# Decompose a PRD

1. Call plan_draft. It returns the requirements with their lines, where each belongs and why, a draft, and open questions.
2. Decide the questions, with a person where they change what is built.
3. Refine the draft: one repository a task, a few files, at most ten criteria; the interface first, its users after it (depends_on).
   Each criterion can be seen to hold or not: a status code, a value, a file, a test name.
   Every requirement is realised by at least one task. Put binding interfaces into context.contracts.
4. Call plan_submit with dry_run=true, mend everything it names at once, then submit.
   A plan is bound to the PRD revision: after an edit call plan_draft again; finished and claimed tasks stay.`,
  },
  {
    topic: 'work',
    title: 'Work on tasks',
    description: 'Claim, do, prove and complete tasks until nothing is ready',
    text: `# Work on tasks

1. Call task_claim (by repository or PRD if you serve one). Keep lease.token: it proves that you are the holder.
   Any call renews the lease; after 30 minutes without one the task is free again.
2. Work in a worktree of the repository in the packet. Write the failing test first. Read dependencies' evidence and contracts.
   Found more work? task_create with follow_up_of. Learned something? knowledge_add.
3. Call task_validate with the worktree's absolute path. Mend what is red; do not weaken the checks.
4. Commit. Call task_complete with one answer for each criterion: what shows that it holds.
   It is refused while a check is red, a criterion is open, or files changed after the checks ran.
5. Cannot go on? task_update status="blocked" with the reason, or status="todo" to release it.
6. Repeat from 1 until claimed=false.`,
  },
  {
    topic: 'review-spec',
    title: 'Review a spec',
    description: 'Read a spec the way a strict senior engineer would',
    text: `# Review a spec

1. Call prd_get with include body and requirements, and prd_check.
2. Read for: what is missing (errors, empty states, limits), what cannot be tested, what two readers would build differently,
   what contradicts something else, what belongs to another PRD.
3. Propose each change as the exact new text of one passage, and say why.
4. With consent, apply them with prd_edit replacements; each old text occurs exactly once.`,
  },
]
