/** Why an attempt did not succeed, and what to do; the place is always there, so that it is read out. */
export function TroubleNote(props: { trouble: { sentence: string; remedy: string } | undefined }) {
  return (
    <div className="trouble" role="alert">
      {props.trouble && (
        <>
          <p>{props.trouble.sentence}</p>
          {props.trouble.remedy !== '' && <p className="trouble-remedy">{props.trouble.remedy}</p>}
        </>
      )}
    </div>
  )
}
