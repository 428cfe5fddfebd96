/** What is made once for an object that is used again and again, such as the options of a policy. */

/**
 * @param make must give the same for the same object
 * @returns a function that calls `make` once for each object, and keeps the result for as long as the object lives
 */
export function oncePer<K extends object, V>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, { readonly value: V }>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known.value;
    const value = make(key);
    made.set(key, { value });
    return value;
  };
}
