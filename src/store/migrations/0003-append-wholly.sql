-- expand
-- An append moves all its heads and changes all its guards, or leaves no trace: the store then looks who did not fit.

CREATE FUNCTION holdfast.all_fit(fitting bigint, wanted bigint) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
  IF fitting <> wanted THEN
    RAISE '% of % fit', fitting, wanted USING ERRCODE = 'HF001';
  END IF;
  RETURN true;
END $$;
