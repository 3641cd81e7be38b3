import { Button } from '@mantine/core'
import type { ConfigAnswer } from '../../protocol/config-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { CodeText } from './code-text.tsx'
import { documentsOf, type KindRow, titleOf } from './configuration-facts.ts'
import { NodeDigests } from './node-digests.tsx'

/** Everything at a glance: who runs what, and every kind with its documents. */
export function KindCards(props: { answer: ConfigAnswer }) {
  const { answer } = props
  return (
    <>
      <NodeDigests answer={answer} />
      <div className="kinds">
        {answer.kinds.map((kind) => (
          <KindCard key={kind.kind} kind={kind} answer={answer} />
        ))}
      </div>
    </>
  )
}

function KindCard(props: { kind: KindRow; answer: ConfigAnswer }) {
  const { kind } = props
  const may = useConsole().may('admin')
  const documents = documentsOf(kind, props.answer)
  const id = `kind-${kind.kind}`
  const path = `/console/configuration/${kind.kind}`
  const word = kind.title.toLowerCase()
  return (
    <section className="card kind" aria-labelledby={id}>
      <header>
        <h2 id={id}>{kind.title}</h2>
        {kind.many && documents.length > 0 && may && (
          <Button component="a" href={path} variant="default" size="xs" aria-label={`New ${word}`}>
            New
          </Button>
        )}
      </header>
      <p>
        <CodeText text={kind.about} />
      </p>
      {documents.length > 0 ? (
        <ul>
          {documents.map((document) => (
            <li key={document.name}>
              <a href={`/console/configuration/${document.name}`}>
                <span className="kind-title">{kind.many ? titleOf(document) : kind.title}</span>
                <span className="kind-name">{document.name}</span>
                <span className="kind-revision">revision {document.revision}</span>
              </a>
            </li>
          ))}
        </ul>
      ) : (
        <div className="kind-none">
          <span>{kind.many ? 'There is none yet.' : 'Nobody wrote it: every field has its default.'}</span>
          {may ? (
            <Button component="a" href={path} variant="default" size="xs">
              {kind.many ? `Make the first ${word}` : `Write the ${word}`}
            </Button>
          ) : (
            !kind.many && <a href={path}>Show the defaults</a>
          )}
        </div>
      )}
    </section>
  )
}
