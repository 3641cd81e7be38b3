import type { Fault } from '../fault.ts'
import { peersOf } from '../peers-of.ts'

const CUT_MS_MIN = 1000
const CUT_MS_MAX = 4000

export const cutNodePeersOneWay: Fault = {
  name: 'cut-node-peers-one-way',
  faultClass: 'partition',
  sentence: 'a chat node hears the other nodes and they do not hear it, or the other way round, for 1 to 4 s',
  weight: 1,
  gapMsMax: 2000,
  needs: 'linux',
  async inject(stage) {
    const { running, wires, dice } = stage
    const { name } = await stage.victim('chat')
    const wire = wires.nodeAndPeers(name, peersOf(running, name))
    const faultMs = dice.lengthMs(CUT_MS_MIN, CUT_MS_MAX)
    const mute = dice.fraction() < 0.5
    stage.begins()
    wire.treat(mute ? { forth: { kind: 'hold' } } : { back: { kind: 'hold' } })
    await running.rest(faultMs)
    wire.heal()
    return { victim: `${name} (${mute ? 'mute' : 'deaf'})`, faultMs }
  },
}
