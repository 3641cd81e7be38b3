import { createNativeChannel, type NativeChannel } from '../channels/native-channel.ts'
import { NATIVE_CHANNEL_DEFAULTS } from '../channels/native-settings.ts'
import type { ConversationPort } from '../protocol/conversation-port.ts'
import type { NodePorts } from '../server/holdfast-node.ts'
import type { PipeEnd } from './simulated-pipe.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { simulatedTokens } from './simulated-tokens.ts'
import type { SimulatedWorld } from './simulated-world.ts'

// Small, so that whoever returns to a long conversation fills it: two frames of the largest size.
const SEND_QUEUE_BYTES = 160 * 1024
/** What an edge may leave in a socket: its bound, and the frame that crossed it. */
const QUEUED_BYTES_MAX = SEND_QUEUE_BYTES + 96 * 1024

/** Where clients find an edge. */
export function socketAddress(edge: string): string {
  return `wss://${edge}/connect`
}

export function hostOfAddress(address: string): string {
  return new URL(address).hostname
}

/** The production channel of one edge, behind simulated sockets instead of a WebSocket server. */
export function openClientDoor(
  world: SimulatedWorld,
  edge: {
    readonly name: string
    readonly process: SimulatedProcess
    readonly ports: NodePorts
    readonly conversations: ConversationPort
    readonly edges: readonly string[]
    readonly onGuest?: () => void
  },
): NativeChannel {
  const { name, process, ports, conversations } = edge
  const { clock, log, metrics } = ports
  const channel = createNativeChannel({
    clock,
    log,
    metrics,
    conversations,
    tokens: simulatedTokens(() => clock.wallMs()),
    settings: {
      ...NATIVE_CHANNEL_DEFAULTS,
      sendQueueBytes: SEND_QUEUE_BYTES,
      node: name,
      addresses: () => edge.edges.map(socketAddress),
    },
  })
  world.sockets.open(socketAddress(name), {
    process,
    host: name,
    greeting: () => name,
    accept: (end) => {
      edge.onGuest?.()
      connect(end, channel, world, name)
    },
  })
  return channel
}

function connect(end: PipeEnd, channel: NativeChannel, world: SimulatedWorld, name: string): void {
  const handlers = channel.accept({
    get queuedBytes() {
      return end.queuedBytes
    },
    send: (text) => {
      end.send(text)
      world.see({
        kind: 'queued',
        where: `a client socket of ${name}`,
        bytes: end.queuedBytes,
        bytesMax: QUEUED_BYTES_MAX,
      })
    },
    close: (code, reason) => end.close(code, reason),
  })
  end.listener = {
    arrived: (payload) => handlers.message(typeof payload === 'string' ? payload : undefined),
    closed: () => handlers.closed(),
  }
}
