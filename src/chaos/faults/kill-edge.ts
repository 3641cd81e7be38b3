import type { Fault } from '../fault.ts'

export const killEdge: Fault = {
  name: 'kill-edge',
  faultClass: 'kill-edge',
  sentence: 'SIGKILL of an edge with clients',
  weight: 7,
  gapMsMax: 2000,
  async inject(stage) {
    const victim = await stage.victim('edge')
    stage.begins()
    stage.running.cluster.kill(victim.name)
    return { victim: victim.name }
  },
}
