import { Button } from '@mantine/core'

/** In place of a page that cannot be shown: why, and to try again. */
export function PageFault(props: { title: string; sentence: string; onAgain: () => void }) {
  return (
    <div className="card empty" role="alert">
      <h2>{props.title}</h2>
      <p>{props.sentence}</p>
      <Button variant="default" onClick={props.onAgain}>
        Try again
      </Button>
    </div>
  )
}
