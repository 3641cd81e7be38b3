import { Badge, SegmentedControl, Skeleton, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ConversationRow } from '../../protocol/rest-answers.ts'
import { colourOf, initials, spanText } from '../console/console-text.ts'
import { type ListFilter, matches, titleOf, visitorIdOf, visitorOf } from './agent-facts.ts'

/** Messages not read yet; `new`: there are some, how many is not known before the conversation was opened. */
export type Unread = number | 'new'

/** All conversations, the latest changed first; what is new is marked. */
export function ConversationList(props: {
  rows: readonly ConversationRow[] | undefined
  nowMs: number
  selected: string | undefined
  unreadOf: (row: ConversationRow) => Unread
  me: string
  onOpen: (conversation: string) => void
}) {
  const [filter, setFilter] = useState<ListFilter>('open')
  const [search, setSearch] = useState('')
  const rows = props.rows?.filter((row) => matches(row, { filter, search, me: props.me }))
  return (
    <aside className="list" aria-label="Conversations">
      <div className="list-tools">
        <TextInput
          size="sm"
          placeholder="Search names and subjects"
          aria-label="Search conversations"
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <SegmentedControl
          fullWidth
          size="xs"
          aria-label="Which conversations"
          value={filter}
          onChange={(value) => setFilter(value as ListFilter)}
          data={[
            { value: 'open', label: 'Open' },
            { value: 'mine', label: 'Mine' },
            { value: 'closed', label: 'Closed' },
          ]}
        />
      </div>
      {rows === undefined && <Loading />}
      {rows?.length === 0 && (
        <div className="empty">
          <h3>{search === '' ? 'Nobody is waiting' : 'Nothing found'}</h3>
          <p>{search === '' ? 'New conversations appear here by themselves.' : 'Try another name or subject.'}</p>
        </div>
      )}
      <ul className="rows">
        {rows?.map((row) => (
          <Row key={row.conversation} row={row} unread={props.unreadOf(row)} {...props} />
        ))}
      </ul>
    </aside>
  )
}

function Row(props: {
  row: ConversationRow
  unread: Unread
  nowMs: number
  selected: string | undefined
  onOpen: (conversation: string) => void
}) {
  const { row, unread } = props
  const visitor = visitorOf(row)
  const here = row.conversation === props.selected
  return (
    <li>
      <button
        type="button"
        className={`row ${here ? 'here' : ''}`}
        aria-current={here ? 'true' : undefined}
        onClick={() => props.onOpen(row.conversation)}
      >
        <span className={`face hue-${colourOf(visitorIdOf(row), 8)}`} aria-hidden="true">
          {initials(visitor)}
        </span>
        <span className="row-name">{visitor}</span>
        <span className="row-age">{spanText(props.nowMs - row.changedAt)}</span>
        <span className="row-title">{titleOf(row)}</span>
        {unread !== 0 && (
          <Badge size="sm" aria-label={unread === 'new' ? 'new' : `${unread} new`}>
            {unread !== 'new' && unread > 99 ? '99+' : unread}
          </Badge>
        )}
      </button>
    </li>
  )
}

function Loading() {
  return (
    <div className="rows" aria-busy="true">
      {[1, 2, 3, 4].map((place) => (
        <Skeleton key={place} className="row-skeleton" radius={10} />
      ))}
    </div>
  )
}
