import { Button, Skeleton } from '@mantine/core'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { When } from '../console/when.tsx'
import { type AuditEntryView, entryIn, wasLate } from './audit-facts.ts'
import { RecordDiff } from './record-diff.tsx'
import type { Trail } from './use-trail.ts'

/** The records, each opened where it stands, so that nobody loses his place. */
export function AuditRecords(props: {
  trail: Trail
  /** Opened by the address. */
  opened: number | undefined
  filtered: boolean
  onOpen: (n: number) => void
}) {
  const { records, more, busy, trouble, older, again } = props.trail
  const { opened } = props
  const [open, setOpen] = useState<ReadonlySet<number>>(NONE)
  const list = useRef<HTMLOListElement>(null)
  const isThere = records?.some(({ n }) => n === opened)
  // Who comes by the address of a record sees it; who opened one here has it before his eyes already.
  useEffect(() => {
    if (opened === undefined || !isThere) return
    setOpen((before) => (before.has(opened) ? before : new Set(before).add(opened)))
    list.current?.querySelector(`[aria-controls="record-${opened}"]`)?.scrollIntoView({ block: 'nearest' })
  }, [opened, isThere])
  const toggle = (n: number) => {
    const next = new Set(open)
    if (!next.delete(n)) {
      next.add(n)
      props.onOpen(n)
    }
    setOpen(next)
  }
  const entries = records?.map(entryIn)
  return (
    <>
      {!entries && !trouble && <Skeletons />}
      {entries?.length === 0 && !more && <NoRecords filtered={props.filtered} />}
      {entries && entries.length > 0 && (
        <ol ref={list} className="audit-records" aria-label="Records, the newest first">
          {entries.map((entry) => (
            <li key={entry.n}>
              <RecordLine entry={entry} open={open.has(entry.n)} onToggle={() => toggle(entry.n)} />
            </li>
          ))}
        </ol>
      )}
      <div className="audit-end">
        <p role="status">
          {trouble ?? (entries && entries.length > 0 && !more ? 'That is all of it.' : '')}
          {!trouble && entries && more && props.filtered && entries.length === 0 && 'Nothing found so far.'}
        </p>
        {(more || trouble !== undefined) && (
          <Button variant="default" size="compact-sm" loading={busy} onClick={trouble === undefined ? older : again}>
            {trouble === undefined ? 'Look further back' : 'Try again'}
          </Button>
        )}
      </div>
    </>
  )
}

const NONE: ReadonlySet<number> = new Set<number>()

function RecordLine(props: { entry: AuditEntryView; open: boolean; onToggle: () => void }) {
  const { entry, open } = props
  const { n, at, act, on, who, happened, damaged } = entry
  const id = `record-${n}`
  return (
    <>
      <button type="button" className="audit-line" aria-expanded={open} aria-controls={id} onClick={props.onToggle}>
        <span className="audit-n">{n}</span>
        <span className="audit-who">{damaged ? 'unknown' : who.name || who.subject}</span>
        <span className="audit-what">
          <strong className="audit-act">{damaged ? 'cannot be read' : act}</strong> <span>{on}</span>
          {happened === 'unknown' && <span className="state-tag worry">may not have happened</span>}
        </span>
        <When at={at} />
        <svg className="icon audit-chevron" viewBox="0 0 24 24" aria-hidden="true">
          <path d="M8 10l4 4l4-4" />
        </svg>
      </button>
      {open && (
        <div id={id} className="audit-details">
          <RecordFacts entry={entry} />
          <RecordDiff before={entry.before} after={entry.after} />
        </div>
      )}
    </>
  )
}

function RecordFacts(props: { entry: AuditEntryView }) {
  const { who, node, nodeAt, reason, hash } = props.entry
  const facts: readonly (readonly [string, ReactNode])[] = [
    ['Who', who.subject === '' ? '' : `${who.name} (${who.subject})`],
    ['From', who.from],
    ['Asked', node],
    ['Why', reason],
    ['Took place', wasLate(props.entry) && <When at={nodeAt} />],
    ['Hash', <code key="hash">{hash}</code>],
  ]
  return (
    <dl>
      {facts
        .filter(([, value]) => value !== '' && value !== false)
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  )
}

function NoRecords(props: { filtered: boolean }) {
  return props.filtered ? (
    <div className="empty">
      <h3>Nothing fits</h3>
      <p>Look for a shorter part of the name or the act, or from an earlier day.</p>
    </div>
  ) : (
    <div className="empty">
      <h3>Nothing was done yet</h3>
      <p>
        Whatever an administrator does, here, by a command or by REST, leaves a record that cannot be changed unseen.
      </p>
    </div>
  )
}

function Skeletons() {
  return (
    <div className="audit-skeletons" aria-busy="true">
      {[1, 2, 3, 4].map((place) => (
        <Skeleton key={place} height={22} radius={6} />
      ))}
    </div>
  )
}
