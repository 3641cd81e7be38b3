import type { FaultStage, Injected } from './fault.ts'

/** How many of them in one trial: each is resolved on the next connection, which is then hit, too. */
export const APPENDS_CUT_MAX = 3
const PATIENCE_MS = 10_000

/** Resets the connection of a chat node to the database in the middle of an append, wherever `cutIn` says, a few times. */
export async function cutAppends(
  stage: FaultStage,
  way: 'forth' | 'back',
  cutIn: (chunk: Uint8Array) => number | undefined,
): Promise<Injected> {
  const { running, wires, dice } = stage
  const { name } = await stage.victim('chat')
  const wire = wires.nodeAndDatabase(name)
  let left = 1 + Math.floor(dice.between(0, APPENDS_CUT_MAX))
  const judge = () => (chunk: Uint8Array) => {
    const at = left > 0 ? cutIn(chunk) : undefined
    if (at !== undefined) left -= 1
    return at
  }
  stage.begins()
  wire.treat({ [way]: { kind: 'cut-at', judge } })
  try {
    const done = await running.wait({ patienceMs: PATIENCE_MS, everyMs: 5 }, () => left === 0)
    if (done === undefined) throw new Error(`${left} appends of ${name} did not come by.`)
  } finally {
    wire.heal()
  }
  return { victim: name }
}
