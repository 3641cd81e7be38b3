import type { Fault } from '../fault.ts'

const SLOW_MS_MIN = 1000
const SLOW_MS_MAX = 3000
const DELAY_MS_MIN = 20
const DELAY_MS_MAX = 120

export const slowWires: Fault = {
  name: 'slow-wires',
  faultClass: 'overload',
  sentence: 'everything between a chat node and the database, and back, takes 20 to 120 ms longer for 1 to 3 s',
  weight: 1,
  gapMsMax: 2000,
  async inject(stage) {
    const { running, wires, dice } = stage
    const { name } = await stage.victim('chat')
    const wire = wires.nodeAndDatabase(name)
    const faultMs = dice.spread(SLOW_MS_MIN, SLOW_MS_MAX)
    const delay = { kind: 'delay', ms: dice.spread(DELAY_MS_MIN, DELAY_MS_MAX) } as const
    stage.begins()
    wire.treat({ forth: delay, back: delay })
    await running.rest(faultMs)
    wire.heal()
    return { victim: name, faultMs }
  },
}
