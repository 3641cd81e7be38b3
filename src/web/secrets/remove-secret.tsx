import type { SecretActAnswer } from '../../protocol/audit-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { Question } from '../console/question.tsx'
import { useAct } from '../console/use-act.ts'
import { Uses } from './secret-table.tsx'
import type { SecretFacts } from './secrets-facts.ts'

/** Asks whether a secret goes, and says who refers to it. */
export function RemoveSecret(props: { secret: SecretFacts | undefined; again: () => void; onClose: () => void }) {
  const { secret } = props
  const { tell } = useConsole()
  const { busy, trouble, forget, post } = useAct()
  const close = () => {
    forget()
    props.onClose()
  }
  const remove = async (name: string) => {
    const answer = await post<SecretActAnswer>(`/api/secrets/${name}/remove`, {})
    props.again()
    if (!answer) return
    tell(answer.sentence)
    close()
  }
  return (
    <Question
      asked={
        secret && {
          title: `Remove ${secret.name}?`,
          body: (
            <>
              <p>It is gone for good, on every node within two seconds. Nobody can look up what it was.</p>
              {secret.uses.length > 0 && (
                <div className="secret-referred">
                  <strong>These refer to it</strong>
                  <Uses uses={secret.uses} />
                </div>
              )}
            </>
          ),
          act: 'Remove',
          harmless: 'Keep it',
          dangerous: true,
        }
      }
      busy={busy}
      trouble={trouble}
      onClose={() => {
        if (!busy) close()
      }}
      onAct={() => void (secret && remove(secret.name))}
    />
  )
}
