import { cutOff } from '../cut-off.ts'
import type { Fault } from '../fault.ts'

export const cutNodeDatabase: Fault = {
  name: 'cut-node-database',
  faultClass: 'partition',
  sentence: 'nothing passes between a chat node and the database for 1 to 4 s; links and clients are well',
  weight: 1,
  gapMsMax: 2000,
  async inject(stage) {
    const victim = await stage.victim('chat')
    stage.loses(victim)
    const faultMs = await cutOff(stage, stage.wires.nodeAndDatabase(victim.name))
    return { victim: victim.name, faultMs }
  },
}
