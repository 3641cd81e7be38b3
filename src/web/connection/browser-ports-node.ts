import { idFromBits } from '../../base/ids.ts'
import { SUBPROTOCOL } from '../../protocol/client-frames.ts'
import type { ConnectionPorts } from './ports.ts'

/** The part of the WebSocket interface that is used; browsers, Node and `ws` have it. */
type SocketClass = new (
  url: string,
  subprotocol: string,
) => Pick<WebSocket, 'send' | 'close' | 'readyState' | 'onopen' | 'onmessage' | 'onclose' | 'onerror'>

export interface BrowserPortsOptions {
  /** Where outbox and cursors outlive a reload, in session storage; absent: they do not. */
  readonly storageKey?: string
  readonly socketClass?: SocketClass
}

/** The real world of a page, or of a Node program: its clock, dice, sockets and session storage. */
export function browserPorts({ storageKey, socketClass = WebSocket }: BrowserPortsOptions = {}): ConnectionPorts {
  return {
    clock: {
      monotonicMs: () => performance.now(),
      wallMs: () => Date.now(),
      after(delayMs, callback) {
        const timer = setTimeout(callback, delayMs)
        return () => clearTimeout(timer)
      },
    },
    random: {
      fraction: () => Math.random(),
      id: () => idFromBits((crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n) >> 1n),
    },
    openSocket(url, handlers) {
      const socket = new socketClass(url, SUBPROTOCOL)
      let over = false
      const closed = (code: number) => {
        if (over) return
        over = true
        handlers.closed(code)
      }
      socket.onopen = () => handlers.opened()
      socket.onmessage = ({ data }) => {
        if (!over) handlers.message(String(data))
      }
      socket.onclose = ({ code }) => closed(code)
      socket.onerror = () => {}
      return {
        send: (text) => {
          if (socket.readyState === 1) socket.send(text)
        },
        close: () => {
          socket.close()
          // A dead peer never answers the close frame: what is over for us is over now.
          closed(1006)
        },
      }
    },
    onWake,
    storage: storageOf(storageKey),
  }
}

/** Node has no window and no network events: there sockets tell soon enough. */
function onWake(listener: () => void): () => void {
  if (typeof document === 'undefined') return () => {}
  const seen = () => {
    if (document.visibilityState === 'visible') listener()
  }
  addEventListener('online', listener)
  document.addEventListener('visibilitychange', seen)
  return () => {
    removeEventListener('online', listener)
    document.removeEventListener('visibilitychange', seen)
  }
}

// Where a browser forbids storage, even naming it throws.
function storageOf(key: string | undefined): ConnectionPorts['storage'] {
  return {
    load() {
      try {
        return key === undefined ? undefined : (sessionStorage.getItem(key) ?? undefined)
      } catch {
        return undefined
      }
    },
    save(text) {
      try {
        if (key !== undefined) sessionStorage.setItem(key, text)
      } catch {
        // Full or forbidden: a reload then loses what is unsent, and nothing else.
      }
    },
  }
}
