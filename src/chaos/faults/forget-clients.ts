import type { Fault } from '../fault.ts'

export const forgetClients: Fault = {
  name: 'forget-clients',
  faultClass: 'partition',
  sentence: 'all connections between clients and an edge are half-open from now on, as if a router forgot them',
  weight: 1,
  gapMsMax: 2000,
  async inject(stage) {
    const { name } = await stage.victim('edge')
    const wire = stage.wires.clientsAndEdge(name)
    stage.begins()
    wire.treat({ forth: { kind: 'swallow' }, back: { kind: 'swallow' } })
    // What was swallowed stays dead; new connections are well.
    wire.heal()
    return { victim: name }
  },
}
