import type { Random } from '../base/random.ts'
import type { ServerFrame } from '../protocol/client-frames.ts'
import type { ConnectionPorts } from '../web/connection/ports.ts'
import { hostOfAddress } from './simulated-door.ts'
import type { PipeEnd } from './simulated-pipe.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { SimulatedWorld } from './simulated-world.ts'

const LOST = 1006
const NO_CODE = 1005

/** The world of one page load; its sockets behave as a browser's do. `heard` sees every frame that comes. */
export function pagePorts(
  world: SimulatedWorld,
  page: {
    readonly process: SimulatedProcess
    readonly random: Random
    readonly storage: ConnectionPorts['storage']
    readonly heard: (frame: ServerFrame) => void
  },
): ConnectionPorts {
  const { process, random, storage, heard } = page
  return {
    clock: process.clock,
    random,
    storage,
    openSocket(url, handlers) {
      let end: PipeEnd | undefined
      let over = false
      const closed = (code: number) => {
        if (over) return
        over = true
        handlers.closed(code)
      }
      const arrived = (text: string) => {
        if (over) return
        heard(JSON.parse(text) as ServerFrame)
        handlers.message(text)
      }
      world.sockets.connect({ process, host: process.name }, url, process.name, hostOfAddress(url)).then(
        (made) => {
          if (over) return made.end.close(NO_CODE, 'not needed any more')
          end = made.end
          end.listener = { arrived: (payload) => arrived(String(payload)), closed: (code) => closed(code) }
          handlers.opened()
        },
        () => closed(LOST),
      )
      return {
        send: (text) => end?.send(text),
        close: () => {
          end?.close(NO_CODE, 'closed by the page')
          closed(LOST)
        },
      }
    },
  }
}
