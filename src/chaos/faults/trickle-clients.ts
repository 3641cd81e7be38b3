import type { Fault } from '../fault.ts'

const TRICKLE_MS_MIN = 1000
const TRICKLE_MS_MAX = 3000

export const trickleClients: Fault = {
  name: 'trickle-clients',
  faultClass: 'overload',
  sentence:
    'clients and an edge get 40 bytes every 20 ms from each other for 1 to 3 s: frames come in pieces, and late',
  weight: 1,
  gapMsMax: 2000,
  async inject(stage) {
    const { running, wires, dice } = stage
    const { name } = await stage.victim('edge')
    const wire = wires.clientsAndEdge(name)
    const faultMs = dice.spread(TRICKLE_MS_MIN, TRICKLE_MS_MAX)
    const trickle = { kind: 'pace', bytes: 40, everyMs: 20 } as const
    stage.begins()
    wire.treat({ forth: trickle, back: trickle })
    await running.rest(faultMs)
    wire.heal()
    return { victim: name, faultMs }
  },
}
