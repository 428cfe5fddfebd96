/**
 * The part of the Metadata Reflection API that has to be there before `@peculiar/x509` is loaded.
 *
 * The library's container (tsyringe) refuses to load without `Reflect.getMetadata`, and asks it for the parameters of the
 * constructors that it is to fill. The classes that `@peculiar/x509` registers have none, and nothing in it records
 * metadata: so nothing is ever found, and the whole polyfill, a store for all the program, would stay empty. The functions
 * that record are left out on purpose: should a later version want to, it fails when it is loaded, not by wrong answers.
 */
if (!('getMetadata' in Reflect)) {
  const nothingRecorded = (): undefined => undefined;
  Object.assign(Reflect, { getMetadata: nothingRecorded, getOwnMetadata: nothingRecorded });
}
