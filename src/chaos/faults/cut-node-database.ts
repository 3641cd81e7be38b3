import type { Fault } from '../fault.ts'

const CUT_MS_MIN = 1000
const CUT_MS_MAX = 4000

export const cutNodeDatabase: Fault = {
  name: 'cut-node-database',
  faultClass: 'partition',
  sentence: 'nothing passes between a chat node and the database for 1 to 4 s; links and clients are well',
  weight: 1,
  gapMsMax: 2000,
  async inject(stage) {
    const { running, wires, dice } = stage
    const victim = await stage.victim('chat')
    const faultMs = dice.lengthMs(CUT_MS_MIN, CUT_MS_MAX)
    const wire = wires.nodeAndDatabase(victim.name)
    stage.loses(victim)
    stage.begins()
    wire.treat({ forth: { kind: 'hold' }, back: { kind: 'hold' } })
    await running.rest(faultMs)
    wire.heal()
    return { victim: victim.name, faultMs }
  },
}
