import { z } from 'zod'

export const Client = z.enum(['claude', 'codex'])
export type Client = z.infer<typeof Client>

/** For all of this person's projects, or in this project for everybody who works on it. */
export const Scope = z.enum(['user', 'project'])
export type Scope = z.infer<typeof Scope>
