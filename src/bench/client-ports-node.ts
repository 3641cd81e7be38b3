import { WebSocket } from 'ws'
import { realClock } from '../base/real-clock-node.ts'
import { realRandom } from '../base/real-random-node.ts'
import { SUBPROTOCOL } from '../protocol/client-frames.ts'
import type { ConnectionPorts } from '../web/connection/ports.ts'

/**
 * The world of a client in Node: `ws` sockets take a fraction of the time that Node's own ones do, and offer no
 * compression, which would be the generator's work that is measured. `subprotocol`: a peer has another one, or none.
 */
export function clientPorts(subprotocol: string | null = SUBPROTOCOL): ConnectionPorts {
  return {
    clock: realClock,
    random: realRandom,
    storage: { load: () => undefined, save() {} },
    openSocket(url, handlers) {
      const socket = new WebSocket(url, subprotocol === null ? [] : [subprotocol], { perMessageDeflate: false })
      let over = false
      const closed = (code: number) => {
        if (over) return
        over = true
        handlers.closed(code)
      }
      socket.on('open', () => handlers.opened())
      socket.on('message', (data) => {
        if (!over) handlers.message(String(data))
      })
      socket.on('close', closed)
      // A close follows every error.
      socket.on('error', () => {})
      return {
        send: (text) => {
          if (socket.readyState === WebSocket.OPEN) socket.send(text)
        },
        close() {
          // A dead peer never answers the close frame: what is over for us is over now.
          closed(1006)
          if (socket.readyState === WebSocket.OPEN) socket.close()
          else socket.terminate()
        },
      }
    },
  }
}
