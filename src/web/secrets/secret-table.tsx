import { Button } from '@mantine/core'
import { CodeText } from '../configuration/code-text.tsx'
import { type Column, DataTable } from '../console/data-table.tsx'
import { When } from '../console/when.tsx'
import { type SecretFacts, type SecretUse, stateOf } from './secrets-facts.ts'

/** Which secrets there are and should be. */
export function SecretTable(props: {
  secrets: readonly SecretFacts[] | undefined
  mayChange: boolean
  onRemove: (secret: SecretFacts) => void
}) {
  const acts: Column<SecretFacts> = {
    key: 'acts',
    label: 'What can be done',
    cell: (secret) => <Acts secret={secret} onRemove={props.onRemove} />,
  }
  return (
    <DataTable
      label="Secrets"
      columns={props.mayChange ? [...COLUMNS, acts] : COLUMNS}
      rows={props.secrets}
      keyOf={({ name }) => name}
      empty={
        <div className="empty">
          <h3>No secret is set</h3>
          <p>
            {props.mayChange
              ? 'Nothing in the configuration asks for one yet. “Set another” sets one for later.'
              : 'An administrator sets them here, or by “holdfast secret set”.'}
          </p>
        </div>
      }
    />
  )
}

const COLUMNS: readonly Column<SecretFacts>[] = [
  {
    key: 'name',
    head: 'Secret',
    wide: true,
    cell: ({ name, uses }) => (
      <span className="secret-name">
        <code>{name}</code>
        <span>{uses[0] ? <CodeText text={uses[0].about} /> : 'Nothing in the configuration asks for it.'}</span>
      </span>
    ),
  },
  {
    key: 'state',
    head: 'State',
    cell: (secret) => {
      const { tone, text } = stateOf(secret)
      return (
        <span>
          <span className={`state-tag ${tone}`}>{text}</span>
        </span>
      )
    },
  },
  {
    key: 'set',
    head: 'Since',
    cell: ({ set }) =>
      set ? (
        <span className="secret-since">
          <When at={set.at} />
          {set.by !== undefined && <span>by {set.by}</span>}
        </span>
      ) : (
        <span className="faint">–</span>
      ),
  },
  { key: 'uses', head: 'Needed by', cell: ({ uses }) => <Uses uses={uses} /> },
]

/** The fields that ask for a secret, each leading to its document. */
export function Uses(props: { uses: readonly SecretUse[] }) {
  if (props.uses.length === 0) return <span className="faint">Nobody</span>
  return (
    <ul className="secret-uses">
      {props.uses.map(({ document, text, filled }) => (
        <li key={`${document} ${text}`}>
          <a href={`/console/configuration/${document}`}>{text}</a>
          {!filled && <span>not filled in</span>}
        </li>
      ))}
    </ul>
  )
}

function Acts(props: { secret: SecretFacts; onRemove: (secret: SecretFacts) => void }) {
  const { secret } = props
  const act = secret.set ? 'Replace' : 'Set'
  return (
    <span className="secret-acts">
      <Button
        component="a"
        href={`/console/secrets/${secret.name}`}
        size="compact-sm"
        variant="default"
        aria-label={`${act} ${secret.name}`}
      >
        {act}
      </Button>
      {secret.set && (
        <Button
          size="compact-sm"
          variant="subtle"
          color="red"
          className="secret-remove"
          aria-label={`Remove ${secret.name}`}
          onClick={() => props.onRemove(secret)}
        >
          Remove
        </Button>
      )}
    </span>
  )
}
