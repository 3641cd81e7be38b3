import type { ParticipantId } from '../base/ids.ts'
import type { CloseReason, IdleLimits, Mode, Origin, Role, TextFormat } from './event.ts'

/** What somebody may ask of a conversation. Each accepted command appends at least one event that carries its key. */
export type Command =
  | {
      readonly type: 'open'
      readonly mode: Mode
      readonly idle?: IdleLimits
      readonly subject?: string
      /** Where the visitor who opens or enters wants mail, as somebody who may say so said. */
      readonly email?: string
    }
  | { readonly type: 'join' }
  | { readonly type: 'leave'; readonly reason?: string }
  | { readonly type: 'message'; readonly format: TextFormat; readonly text: string }
  | { readonly type: 'note'; readonly text: string }
  | { readonly type: 'whisper'; readonly to: ParticipantId; readonly text: string }
  | { readonly type: 'notice'; readonly notice: string; readonly url?: string; readonly data?: string }
  | { readonly type: 'transfer'; readonly to: ParticipantId; readonly name: string }
  | { readonly type: 'rate'; readonly score: number; readonly comment?: string }
  | { readonly type: 'close'; readonly reason: CloseReason }
  | { readonly type: 'timer'; readonly kind: TimerKind; readonly armedSeq: number }

export type CommandType = Command['type']

export type TimerKind = 'idle-alert' | 'idle-second-alert' | 'idle-close'

/** Who sends a command, as the token says it. `open` and `join` take role and name from here. */
export interface Sender {
  readonly id: ParticipantId
  readonly role: Role
  readonly name: string
}

/** A command on its way to the owner. */
export interface Submission {
  readonly sender: Sender
  /** Made by the sender, unique for (conversation, sender) for ever; at most 64 characters. */
  readonly key: string
  /** Present on commands of a client instance; absent on REST calls and timers. */
  readonly origin?: Origin & {
    /** Everything below this number is settled: acknowledged or given up. */
    readonly floor: number
  }
  readonly command: Command
}
