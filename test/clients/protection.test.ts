import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { clientsInstalled, suiteName } from './client-process.ts'
import { type Client, makeProject, openWorld, say, shell } from './driver-world.ts'
import type { Step } from './scenario.ts'

describe.skipIf(!clientsInstalled).each<Client>(['claude', 'codex'])(
  suiteName('what a repository may not do to itself: %s'),
  (client) => {
    /** The client's own ways to change a file that is there; Codex decides by the model's name. */
    const waysToChange = (project: string): readonly { readonly model?: string; readonly steps: readonly Step[] }[] => {
      const file = join(project, 'tests/sum.test.js')
      const read: Step = () => ({ use: 'Read', input: { file_path: file } })
      const edit = { file_path: file, old_string: 'original', new_string: 'weaker' }
      const patch = '*** Begin Patch\n*** Update File: tests/sum.test.js\n@@\n-original\n+weaker\n*** End Patch'
      const script = `text(await tools.apply_patch(${JSON.stringify(patch)}))`
      return client === 'claude'
        ? [
            { steps: [read, () => ({ use: 'Write', input: { file_path: file, content: 'weaker\n' } })] },
            { steps: [read, () => ({ use: 'Edit', input: edit })] },
          ]
        : [
            { steps: [shell(`apply_patch <<'EOF'\n${patch}\nEOF`)] },
            { model: 'gpt-5.5', steps: [() => ({ use: 'apply_patch', input: { freeform: patch } })] },
            { model: 'gpt-5.6-sol', steps: [() => ({ use: 'exec', input: { freeform: script } })] },
          ]
    }
    /** Plays each of them, then what the model does last. */
    const change = async (last: Step, protectedPaths: readonly string[]) => {
      const project = makeProject()
      const file = join(project, 'tests/sum.test.js')
      mkdirSync(dirname(file))
      const played = []
      for (const { steps, ...model } of waysToChange(project)) {
        writeFileSync(file, 'original\n')
        const { run } = await openWorld(client, [...steps, last], { project })
        played.push({ file, ...(await run({ protectedPaths, ...model })), content: readFileSync(file, 'utf8') })
      }
      expect(played.length).toBeGreaterThan(1)
      return played
    }

    test('a protected path is refused, and a model that gives up there has not ended', async () => {
      for (const { end, content } of await change(say('I gave up.'), ['tests/**'])) {
        expect(content).toBe('original\n')
        expect(end).toMatchObject({ outcome: 'denied', denials: [expect.stringMatching(/tests\/sum\.test\.js/)] })
      }
    })

    test('where nothing is protected, the same changes are made', async () => {
      for (const { end, events, file, content } of await change(say('Done.'), [])) {
        expect(content).toBe('weaker\n')
        expect(end).toMatchObject({ outcome: 'ended', denials: [] })
        expect(events).toContainEqual({ type: 'file_change', path: file })
      }
    })

    test('a refusal that the model works around is told, and no failure', async () => {
      const project = makeProject({ 'tests/sum.test.js': 'original\n' })
      const steps = [...(waysToChange(project)[0]?.steps ?? []), shell('echo ok > code.js'), say('Done otherwise.')]
      const { run } = await openWorld(client, steps, { project })
      const { end, events } = await run({ protectedPaths: ['tests/**'] })
      expect(end.outcome, JSON.stringify(events)).toBe('ended')
      expect(end.denials).toEqual([expect.stringMatching(/tests\/sum\.test\.js/)])
      expect(readFileSync(join(project, 'code.js'), 'utf8')).toBe('ok\n')
    })

    /** A repository whose settings, hooks and servers leave `<project>-ran` behind where they run. */
    const plant = () => {
      const project = makeProject()
      const planted = `touch '${project}-ran'`
      const files = {
        '.claude/settings.json': JSON.stringify({
          hooks: {
            SessionStart: [{ hooks: [{ type: 'command', command: planted }] }],
            PreToolUse: [{ matcher: '*', hooks: [{ type: 'command', command: planted }] }],
          },
        }),
        '.mcp.json': JSON.stringify({ mcpServers: { planted: { command: 'sh', args: ['-c', planted] } } }),
        '.codex/config.toml': `[mcp_servers.planted]\ncommand = "sh"\nargs = ["-c", "${planted}"]\n`,
        '.codex/hooks.json': JSON.stringify({
          hooks: {
            SessionStart: [{ hooks: [{ type: 'command', command: planted }] }],
            PreToolUse: [{ matcher: '.*', hooks: [{ type: 'command', command: planted }] }],
          },
        }),
      }
      for (const [path, content] of Object.entries(files)) {
        mkdirSync(dirname(join(project, path)), { recursive: true })
        writeFileSync(join(project, path), content)
      }
      onTestFinished(() => rmSync(`${project}-ran`, { force: true }))
      return project
    }

    test.each([false, true])(
      'settings, hooks and servers of the repository do not run, trusted: %s',
      async (trusted) => {
        const project = plant()
        for (const protectedPaths of [[], ['tests/**']]) {
          const { run } = await openWorld(client, [shell('echo hello'), say('Done.')], { project, trusted })
          expect((await run({ protectedPaths })).end.outcome).toBe('ended')
          expect(existsSync(`${project}-ran`)).toBe(false)
        }
      },
    )

    test('nor in a worktree of a repository that the person trusts', async () => {
      const project = plant()
      const folder = `${project} work.tree "1"`
      onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
      const git = (...args: readonly string[]) => execFileSync('git', args, { cwd: project, stdio: 'ignore' })
      git('add', '--all')
      git('-c', 'user.name=x', '-c', 'user.email=x@example.org', 'commit', '--message', 'Planted')
      git('worktree', 'add', '-b', 'work', folder)
      const { run } = await openWorld(client, [shell('echo hello'), say('Done.')], { project, trusted: true })
      expect((await run({ folder, protectedPaths: ['tests/**'] })).end.outcome).toBe('ended')
      expect(existsSync(`${project}-ran`)).toBe(false)
    })
  },
)
