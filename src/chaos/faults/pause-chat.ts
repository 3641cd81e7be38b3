import type { Fault } from '../fault.ts'

// From well beyond the lease of 600 ms to ten times it.
const PAUSE_MS_MIN = 1000
const PAUSE_MS_MAX = 6000

export const pauseChat: Fault = {
  name: 'pause-chat',
  faultClass: 'pause',
  sentence: 'SIGSTOP of a chat node for 1 to 6 s, then SIGCONT',
  weight: 7,
  gapMsMax: 2000,
  async inject(stage) {
    const { running, dice } = stage
    const victim = await stage.victim('chat')
    const faultMs = dice.spread(PAUSE_MS_MIN, PAUSE_MS_MAX)
    stage.loses(victim)
    stage.begins()
    running.cluster.signal(victim.name, 'SIGSTOP')
    await running.rest(faultMs)
    running.cluster.signal(victim.name, 'SIGCONT')
    return { victim: victim.name, faultMs }
  },
}
