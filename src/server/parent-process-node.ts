import type { NodeName } from '../base/ids.ts'
import type { Supervisor } from './node-facade.ts'

/** What a node tells the process that started it. */
export type MessageToParent =
  | { readonly verb: 'ready'; readonly node: NodeName; readonly httpUrl: string }
  | { readonly verb: 'kill' | 'pause' | 'restart'; readonly node: NodeName; readonly seconds: number }

/** What that process tells a node. `stop`: end at once, the whole cluster ends; a signal means drain first. */
export interface MessageToNode {
  readonly verb: 'stop'
}

/** The `holdfast up` above this process. */
interface ParentProcess {
  readonly supervisor: Supervisor
  ready(node: NodeName, httpUrl: string): void
  /** Called once, when the parent asks this process to end or is gone itself. */
  onStop(listener: (reason: string) => void): void
  /** Lets go of the parent: an open channel would keep a process alive that has nothing left to do. */
  release(): void
}

/** `undefined` where nobody supervises this process. */
export function parentProcess(): ParentProcess | undefined {
  if (!process.send) return undefined
  const tell = (message: MessageToParent) => {
    if (process.connected) process.send?.(message, undefined, undefined, () => {})
  }
  return {
    supervisor: { act: (node, verb, seconds) => tell({ verb, node, seconds }) },
    ready: (node, httpUrl) => tell({ verb: 'ready', node, httpUrl }),
    onStop(listener) {
      process.on('message', (message: MessageToNode) => {
        if (message?.verb === 'stop') listener('the supervisor ends the cluster')
      })
      process.once('disconnect', () => listener('the supervisor is gone'))
    },
    release() {
      if (process.connected) process.disconnect()
    },
  }
}
