/** A failure whose one sentence tells a person what is wrong and what to do; it is shown without a stack. */
export class StartFailure extends Error {
  override name = 'StartFailure';
}
