import type { Fault } from '../fault.ts'

export const killChat: Fault = {
  name: 'kill-chat',
  faultClass: 'kill-chat',
  sentence: 'SIGKILL of a chat node that owns conversations',
  weight: 20,
  gapMsMax: 1000,
  async inject(stage) {
    const victim = await stage.victim('chat')
    stage.loses(victim)
    stage.begins()
    stage.running.cluster.kill(victim.name)
    return { victim: victim.name }
  },
}
