import { ManualClock } from '../base/manual-clock.ts'
import type { ClientFrame, ServerFrame } from '../protocol/client-frames.ts'
import type { ConnectionPorts, ConnectionSocketHandlers } from '../web/connection/ports.ts'

/** For tests: a system that hears what clients say and answers what the test says, on a clock that the test moves. */
export class ScriptedSystem {
  readonly clock = new ManualClock()
  readonly heard: ClientFrame[] = []
  readonly sockets: ConnectionSocketHandlers[] = []
  /** What to answer to a frame a millisecond later. */
  answer: (frame: ClientFrame) => readonly ServerFrame[]
  #ids = 0

  constructor(answer: (frame: ClientFrame) => readonly ServerFrame[]) {
    this.answer = answer
  }

  get ports(): ConnectionPorts {
    return {
      clock: this.clock,
      random: { fraction: () => 0.5, id: () => `id-${++this.#ids}` },
      storage: { load: () => undefined, save() {} },
      openSocket: (_url, given) => {
        const handlers = closedOnce(given)
        this.sockets.push(handlers)
        this.clock.after(1, () => handlers.opened())
        return { send: (text) => this.#hear(handlers, text), close: () => handlers.closed(1006) }
      },
    }
  }

  say(frame: ServerFrame): void {
    this.sockets.at(-1)?.message(JSON.stringify(frame))
  }

  #hear(handlers: ConnectionSocketHandlers, text: string): void {
    const frame = JSON.parse(text) as ClientFrame
    this.heard.push(frame)
    const answers = this.answer(frame)
    if (answers.length === 0) return
    this.clock.after(1, () => {
      for (const answer of answers) handlers.message(JSON.stringify(answer))
    })
  }
}

export const WELCOME: ServerFrame = {
  type: 'welcome',
  node: 'e1',
  version: 1,
  heartbeatMs: 10_000,
  limits: { frameBytes: 65_536, textLength: 16_000 },
  addresses: [],
}

function closedOnce(handlers: ConnectionSocketHandlers): ConnectionSocketHandlers {
  let over = false
  return {
    ...handlers,
    closed(code) {
      if (over) return
      over = true
      handlers.closed(code)
    },
  }
}
