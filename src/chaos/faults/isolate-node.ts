import { cutOff } from '../cut-off.ts'
import type { Fault } from '../fault.ts'
import { peersOf } from '../peers-of.ts'
import { bundleOf } from '../wires.ts'

export const isolateNode: Fault = {
  name: 'isolate-node',
  faultClass: 'partition',
  sentence: 'nothing passes between a chat node and everything else, the database too, for 1 to 4 s',
  weight: 2,
  gapMsMax: 2000,
  needs: 'linux',
  async inject(stage) {
    const { running, wires } = stage
    const victim = await stage.victim('chat')
    const { name } = victim
    const all = [wires.nodeAndPeers(name, peersOf(running, name)), wires.nodeAndDatabase(name)]
    stage.loses(victim)
    const faultMs = await cutOff(stage, bundleOf(all.map((wire) => ({ wire, turned: false }))))
    return { victim: name, faultMs }
  },
}
