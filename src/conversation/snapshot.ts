import { type InstanceRow, instanceRows, instancesFromRows } from './recent-instances.ts'
import { type KeyRow, keyRows, keysFromRows } from './recent-keys.ts'
import type { ConversationState, Participant } from './state.ts'

/** Version of the shape below. A snapshot of another one is refolded from the log; it is never translated. */
export const SNAPSHOT_FORMAT = 2

interface SnapshotShape extends Omit<ConversationState, 'participants' | 'keys' | 'instances'> {
  readonly participants: readonly (readonly [string, Participant])[]
  readonly keys: { readonly rows: readonly KeyRow[]; readonly complete: boolean }
  readonly instances: { readonly rows: readonly InstanceRow[]; readonly complete: boolean }
}

/** A state as it is stored, so that restoring reads the tail only. Its place in the log is `state.headSeq`. */
export function toSnapshot(state: ConversationState): { readonly format: number; readonly json: string } {
  const shape: SnapshotShape = {
    ...state,
    participants: [...state.participants],
    keys: { rows: keyRows(state.keys), complete: state.keys.complete },
    instances: { rows: instanceRows(state.instances), complete: state.instances.complete },
  }
  return { format: SNAPSHOT_FORMAT, json: JSON.stringify(shape) }
}

/** The state again, or `undefined` where another version of the program wrote it: then fold the whole log. */
export function fromSnapshot(snapshot: {
  readonly format: number
  readonly json: string
}): ConversationState | undefined {
  if (snapshot.format !== SNAPSHOT_FORMAT) return undefined
  const { participants, keys, instances, ...plain } = JSON.parse(snapshot.json) as SnapshotShape
  return {
    ...plain,
    participants: new Map(participants),
    keys: keysFromRows(keys.rows, keys.complete),
    instances: instancesFromRows(instances.rows, instances.complete),
  }
}
