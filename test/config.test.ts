import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readWorkspace } from '../src/config.ts'

describe('the workspace that an environment and flags name', () => {
  test('a variable that is set to nothing counts as not set, and never as the folder one stands in', () => {
    const empty = { SPEKI_HOME: '', SPEKI_DB: '', SPEKI_DATABASE_URL: '', XDG_DATA_HOME: '', LOCALAPPDATA: '' }
    expect(readWorkspace(empty, {})).toEqual(readWorkspace({}, {}))
    expect(readWorkspace({ SPEKI_HOME: '/h' }, { db: '' }).databaseFile).toBe(resolve('/h/speki.db'))
  })

  test.each(['postgres://u@h/x', 'postgresql://h/x', 'file:///tmp/x.db', 'sqlite://x.db', 'HTTPS://h/x'])(
    '%s is refused where a file is meant, and leads on',
    (address) => {
      for (const read of [() => readWorkspace({}, { db: address }), () => readWorkspace({ SPEKI_DB: address }, {})])
        expect(read).toThrow(
          expect.objectContaining({ code: 'invalid_input', hint: expect.stringMatching(/SPEKI_DATABASE_URL/) }),
        )
    },
  )

  test.each(['speki.db', './a:b.db', 'C:\\data\\speki.db', '/x/y.db'])('%s is a file', (file) => {
    expect(readWorkspace({}, { db: file }).databaseFile).toBe(resolve(file))
  })
})
