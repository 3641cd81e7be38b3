/**
 * Every counter and gauge that a node keeps, with its meaning. `/metrics`, the KPI answer and the reference page are
 * made from this table.
 */
export const METRICS = {
  conversations_opened: { kind: 'counter', help: 'Conversations whose `opened` event this node appended.' },
  conversations_closed: { kind: 'counter', help: 'Conversations whose `closed` event this node appended.' },
  session_created: {
    kind: 'counter',
    help: 'Open conversations that came to this node: opened here, adopted, claimed or handed over to it.',
  },
  session_closed: {
    kind: 'counter',
    help: 'Open conversations that left this node: closed here, handed over, at rest, or lost to another owner.',
  },
  conversations_owned: { kind: 'gauge', help: 'Conversations that this node owns now.' },
  conversations_attached: { kind: 'gauge', help: 'Conversations that clients of this node look at now.' },
  messages_appended: { kind: 'counter', help: 'Events of type `message` that this node appended.' },
  events_appended: { kind: 'counter', help: 'Events of any type that this node appended.' },
  conversations_set_apart: {
    kind: 'counter',
    help: 'Times a conversation could not be restored and was set apart; the log and `holdfast doctor` say which.',
  },
  adoptions: { kind: 'counter', help: 'Conversations taken over from a dead owner.' },
  claims: { kind: 'counter', help: 'Conversations claimed on demand, sleeping ones included.' },
  handovers: { kind: 'counter', help: 'Conversations given to a live successor.' },
  fenced_appends: {
    kind: 'counter',
    help: 'Appends that the store refused because another node owns the conversation.',
  },
  indefinite_appends: { kind: 'counter', help: 'Appends whose outcome was lost and found again by a claim.' },
  append_batches: { kind: 'counter', help: 'Statements that carried appends.' },
  refusals: { kind: 'counter', help: 'Commands refused, all codes.' },
  command_faults: { kind: 'counter', help: 'Commands refused because the program failed at them: bugs; see the log.' },
  duplicates: { kind: 'counter', help: 'Commands answered with the seq of their first time.' },
  deliveries: { kind: 'counter', help: 'Events written to client sockets.' },
  sockets: { kind: 'gauge', help: 'Client sockets open now.' },
  sockets_refused: { kind: 'counter', help: 'Client sockets closed by us for a protocol fault or a limit.' },
  relay_links: { kind: 'gauge', help: 'Links to other nodes that are up.' },
  relay_cuts: { kind: 'counter', help: 'Links cut because the peer was too slow or silent.' },
  lease_losses: { kind: 'counter', help: 'Times this node found itself past its lease.' },
  outbox_delivered: { kind: 'counter', help: 'Items of the outbox that this node carried out: mails, calls.' },
  outbox_retries: { kind: 'counter', help: 'Attempts to carry out an item of the outbox that failed and come again.' },
  outbox_dead_letters: {
    kind: 'counter',
    help: 'Items of the outbox that were given up; `holdfast outbox list` shows them.',
  },
  store_outages: { kind: 'counter', help: 'Times the store became unavailable.' },
  store_available: { kind: 'gauge', help: '1 while the store answers this node and renews its lease, else 0.' },
  alarms_raised: { kind: 'counter', help: 'Alarms that this node raised for the cluster.' },
  alarms_open: { kind: 'gauge', help: 'Alarms of the whole cluster that are open, as this node knows.' },
  alarms_waiting: {
    kind: 'gauge',
    help: 'Alarms that this node has seen and could not store: nobody was told of them yet.',
  },
} as const satisfies Record<string, { kind: 'counter' | 'gauge'; help: string }>

export type MetricName = keyof typeof METRICS

/** Where numbers go. Names come from the table above and nowhere else. */
export interface Metrics {
  count(name: MetricName, by?: number): void
  gauge(name: MetricName, value: number): void
  /** The present value of every metric, for the KPI answer. */
  read(): Readonly<Record<MetricName, number>>
}

/** Metrics kept in memory: what a node uses inside; `ops` renders it. */
export function memoryMetrics(): Metrics {
  const values = Object.fromEntries(Object.keys(METRICS).map((name) => [name, 0])) as Record<MetricName, number>
  return {
    count(name, by = 1) {
      values[name] += by
    },
    gauge(name, value) {
      values[name] = value
    },
    read: () => ({ ...values }),
  }
}
