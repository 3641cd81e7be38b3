/** One alarm from its beginning to its end. Times are milliseconds since 1970, store time. */
export interface AlarmRow {
  readonly id: string
  readonly code: string
  readonly subject: string
  readonly severity: string
  /** `Node lost` while it lasts, `Node back` after. */
  readonly title: string
  readonly sentence: string
  readonly beganAt: number
  readonly raisedBy: string
  /** Conversations, the most at any time. */
  readonly affected: number
  /** Whether anybody was told, or it was silenced. */
  readonly told: boolean
  readonly acknowledged?: { readonly by: string; readonly at: number; readonly note: string }
  readonly ended?: { readonly at: number; readonly by: string; readonly durationMs: number }
}

export interface SilenceRow {
  readonly id: string
  /** Empty: whatever the code. */
  readonly code: string
  readonly subject: string
  readonly until: number
  readonly by: string
  readonly reason: string
}

/** `GET /api/alarms?limit=50` (scope `audit`). */
export interface AlarmsAnswer {
  /** `false`: the database is away; this is what the asked node knew last. */
  readonly fresh: boolean
  readonly open: readonly AlarmRow[]
  /** What the asked node sees and could not store yet: nobody was told of it. */
  readonly waiting: readonly { code: string; subject: string; title: string; sentence: string; beganAt: number }[]
  /** The last ones that are over, the newest first. */
  readonly over: readonly AlarmRow[]
  readonly silences: readonly SilenceRow[]
}

/** `GET /api/alarms/catalogue` (scope `audit`): every alarm that there may be. */
export interface AlarmCatalogueAnswer {
  readonly alarms: readonly {
    readonly code: string
    readonly severity: string
    readonly title: string
    readonly over: string
    readonly about: string
    readonly meaning: string
    readonly remedy: string
  }[]
}

/** One mail or one call by which somebody was told, or is to be. */
export interface AlarmDeliveryRow {
  /** Of its beginning, or of its end. */
  readonly about: 'raised' | 'cleared'
  /** `mail` or `webhook`. */
  readonly by: string
  /** The address of a mail; empty for a webhook. */
  readonly to: string
  /** `dead`: it is a dead letter; `dropped`: somebody gave it up. */
  readonly state: 'waiting' | 'done' | 'dead' | 'dropped'
  readonly attempts: number
  /** Why the last attempt failed; empty where none did. */
  readonly reason: string
}

/** `GET /api/alarms/:episode`: with what it means, what to do, and who was told as far as that is remembered. */
export interface AlarmAnswer extends AlarmRow {
  readonly meaning: string
  readonly remedy: string
  readonly deliveries: readonly AlarmDeliveryRow[]
}

/** What was done, in one sentence. */
export interface AlarmActAnswer {
  readonly sentence: string
}
