import { WebSocket } from 'ws'
import type { ConversationId } from '../base/ids.ts'
import { realRandom } from '../base/real-random-node.ts'
import { type ClientFrame, SUBPROTOCOL, VERSIONS } from '../protocol/client-frames.ts'

/** A client that asks for everything and reads nothing: what it is sent piles up on its way. */
export class SlowConsumer {
  readonly #socket: WebSocket
  readonly #greeted: Promise<boolean>

  constructor(address: string, token: string, conversations: readonly ConversationId[]) {
    const socket = new WebSocket(address, SUBPROTOCOL, { perMessageDeflate: false })
    const tell = (frame: ClientFrame) => socket.send(JSON.stringify(frame))
    this.#socket = socket
    // Being cut off is what a slow consumer must expect.
    socket.on('error', () => {})
    socket.once('open', () => {
      const instance = realRandom.id()
      tell({ type: 'hello', token, versions: VERSIONS, instance, connection: 1, resume: [] })
    })
    this.#greeted = new Promise((resolve) => {
      socket.once('close', () => resolve(false))
      socket.once('message', (data) => {
        socket.pause()
        for (const conversation of conversations) tell({ type: 'attach', conversation, after: 0 })
        resolve(String(data).startsWith('{"type":"welcome"'))
      })
    })
  }

  /** Whether it was let in; from then on it reads nothing. */
  greeted(): Promise<boolean> {
    return this.#greeted
  }

  stop(): void {
    this.#socket.terminate()
  }
}
