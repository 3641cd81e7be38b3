import type { Verb } from './verb.ts'

/** Every verb, in the order of the overview. A new one is a line here and a file `verb-<name>.ts` that exports `verb`. */
export const VERB_NAMES = [
  'up',
  'serve',
  'setup',
  'node',
  'status',
  'config',
  'asset',
  'cert',
  'account',
  'api-key',
  'doctor',
  'alarm',
  'outbox',
  'token',
  'secret',
  'audit',
  'bundle',
  'simulate',
  'chaos',
  'bench',
  'help',
] as const

export type VerbName = (typeof VERB_NAMES)[number]

/** Loads one verb and what it needs, nothing else: a command must start quickly. */
export async function loadVerb(name: VerbName): Promise<Verb> {
  const module: { verb: Verb } = await import(`./verb-${name}.ts`)
  return module.verb
}
