import type { Fault } from '../fault.ts'

const STORMS_MAX = 3
const BETWEEN_MS_MAX = 400

export const stormEdge: Fault = {
  name: 'storm-edge',
  faultClass: 'overload',
  sentence: `all clients of an edge lose their sockets at once and come back at once, 1 to ${STORMS_MAX} times in a row`,
  weight: 2,
  gapMsMax: 2000,
  async inject(stage) {
    const { running, wires, dice } = stage
    const { name } = await stage.victim('edge')
    const wire = wires.clientsAndEdge(name)
    stage.begins()
    wire.cut()
    for (let left = Math.floor(dice.between(0, STORMS_MAX)); left > 0; left--) {
      await running.rest(dice.between(0, BETWEEN_MS_MAX))
      wire.cut()
    }
    return { victim: name }
  },
}
