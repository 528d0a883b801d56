import type { Tx } from './database.ts'

type Noun = 'prd' | 'requirement' | 'plan' | 'task' | 'validation' | 'knowledge' | 'run' | 'attempt' | 'change_set'

/** Reserves `count` key numbers in this transaction and returns the first; numbers of a committed transaction are never given out again. */
export async function reserveNumbers(tx: Tx, noun: Noun, count = 1): Promise<number> {
  const { value } = await tx.sql
    .insertInto('counter')
    .values({ name: noun, value: count })
    .onConflict((conflict) => conflict.column('name').doUpdateSet((eb) => ({ value: eb('counter.value', '+', count) })))
    .returning('value')
    .executeTakeFirstOrThrow()
  return value - count + 1
}
