import { Button, TextInput } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import type { AccountRow, AccountsAnswer } from '../../protocol/account-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import { plural } from '../console/console-text.ts'
import { type Column, DataTable } from '../console/data-table.tsx'
import { PageSection, PolledTrouble } from '../console/page-section.tsx'
import { type Once, ShownOnce } from '../console/shown-once.tsx'
import { When } from '../console/when.tsx'
import { ownAccount } from '../my-account/own-account.ts'
import { AccountDetails } from './account-details.tsx'
import { found, waysText } from './accounts-facts.ts'
import { NewAccountQuestion } from './new-account-question.tsx'
import { RoleTags } from './role-tags.tsx'
import './accounts-page.css'
import './people.css'

const EVERY_MS = 10_000

/** Everybody who may sign in; one of them at `accounts/<id>`. */
export default function AccountsPage() {
  const { rest, token } = useConsole()
  const { again, ...polled } = usePolled<AccountsAnswer>('/api/accounts', EVERY_MS)
  const [selected] = rest
  const top = useRef<HTMLDivElement>(null)
  const shown = useRef(selected)
  // Who opened an account reads it from its top; the link that he used is gone.
  useEffect(() => {
    if (shown.current === selected) return
    shown.current = selected
    top.current?.focus({ preventScroll: true })
  }, [selected])
  const own = ownAccount(token)
  const accounts = polled.answer?.accounts
  const account = accounts?.find(({ id }) => id === selected)
  return (
    <div className="page-stack people" ref={top} tabIndex={-1}>
      <PolledTrouble polled={polled} />
      {selected === undefined && (accounts || !polled.refusal) && (
        <AccountList accounts={accounts} own={own} onChanged={again} />
      )}
      {selected !== undefined && (
        <a className="people-back" href="/console/accounts">
          ← All accounts
        </a>
      )}
      {account && <AccountDetails account={account} own={account.id === own} onChanged={again} />}
      {selected !== undefined && accounts && !account && (
        <section className="card empty">
          <h2>There is no such account</h2>
          <p>It was removed, or the address is not right.</p>
        </section>
      )}
    </div>
  )
}

function AccountList(props: {
  accounts: readonly AccountRow[] | undefined
  own: string | undefined
  onChanged: () => void
}) {
  const { may, tell, go } = useConsole()
  const [search, setSearch] = useState('')
  const [making, setMaking] = useState(false)
  const [once, setOnce] = useState<Once>()
  const { accounts } = props
  const rows = accounts && found(accounts, search)
  return (
    <PageSection
      title="Who may sign in"
      acts={
        <>
          <TextInput
            type="search"
            className="people-search"
            aria-label="Search accounts"
            placeholder="Search by name or role"
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          {may('admin') && <Button onClick={() => setMaking(true)}>New account</Button>}
        </>
      }
    >
      <p className="hidden-text" role="status">
        {search !== '' && rows && `${plural(rows.length, 'account')} found`}
      </p>
      <DataTable
        label="Accounts"
        columns={columnsOf(props.own)}
        rows={rows}
        keyOf={({ id }) => id}
        empty={search.trim() === '' ? <Nobody mayMake={may('admin')} /> : <NotFound search={search} />}
      />
      <NewAccountQuestion
        open={making}
        onClose={() => setMaking(false)}
        onMade={(account, first) => {
          setOnce(first)
          tell(`The account ${account.name} is made.`)
          props.onChanged()
          if (!first) go(`accounts/${account.id}`)
        }}
      />
      <ShownOnce once={once} onKept={() => setOnce(undefined)} />
    </PageSection>
  )
}

function columnsOf(own: string | undefined): readonly Column<AccountRow>[] {
  return [
    {
      key: 'name',
      head: 'Account',
      wide: true,
      cell: ({ id, name, displayName, disabled }) => (
        <span className="account-name">
          <a href={`/console/accounts/${id}`}>{displayName}</a>
          <span className="faint">{name}</span>
          {id === own && <span className="tag">You</span>}
          {disabled && <span className="tag tag-bad">Disabled</span>}
        </span>
      ),
    },
    { key: 'roles', head: 'Roles', cell: ({ roles }) => <RoleTags roles={roles} /> },
    { key: 'ways', head: 'Signs in by', cell: waysText },
    {
      key: 'seen',
      head: 'Last seen',
      cell: ({ seenAt }) => (seenAt === undefined ? <span className="faint">Never</span> : <When at={seenAt} />),
    },
  ]
}

function Nobody(props: { mayMake: boolean }) {
  return (
    <div className="empty">
      <h3>There is no account yet</h3>
      <p>
        {props.mayMake
          ? 'You came with a token. Make an account with the role admin, and sign in with it from now on.'
          : 'An administrator makes them here, or by “holdfast account add”.'}
      </p>
    </div>
  )
}

function NotFound(props: { search: string }) {
  return (
    <div className="empty">
      <h3>Nobody is called so</h3>
      <p>No name or role holds “{props.search.trim()}”.</p>
    </div>
  )
}
