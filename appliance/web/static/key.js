// The key of a slip stands behind "#" in the address. It stays on this telephone: what is sent is a
// fingerprint of it (SHA-256, as core/look_up.py makes it), which opens nothing but this ticket's
// page. The key is taken out of the address bar, so that it is not left in the history.
// Browsers keep their own SHA-256 for https; in the house there is none, so it is spelt out here.
"use strict";

(() => {
  const rotate = (x, n) => (x >>> n) | (x << (32 - n));

  function primes(count) {
    const found = [];
    for (let n = 2; found.length < count; n += 1) {
      if (found.every((p) => n % p)) found.push(n);
    }
    return found;
  }

  function fraction(x) { return Math.floor((x - Math.floor(x)) * 2 ** 32) | 0; }

  function sha256(text) {
    const k = primes(64).map((p) => fraction(Math.cbrt(p)));
    const h = primes(8).map((p) => fraction(Math.sqrt(p)));
    const bytes = [...new TextEncoder().encode(text)];
    const bits = bytes.length * 8;
    bytes.push(128);
    while (bytes.length % 64 !== 56) bytes.push(0);
    for (let n = 7; n >= 0; n -= 1) bytes.push(Math.floor(bits / 2 ** (8 * n)) & 255);
    for (let at = 0; at < bytes.length; at += 64) {
      const w = [];
      for (let n = 0; n < 64; n += 1) {
        if (n < 16) {
          const b = bytes.slice(at + 4 * n, at + 4 * n + 4);
          w.push((b[0] << 24) | (b[1] << 16) | (b[2] << 8) | b[3]);
        } else {
          const s0 = rotate(w[n - 15], 7) ^ rotate(w[n - 15], 18) ^ (w[n - 15] >>> 3);
          const s1 = rotate(w[n - 2], 17) ^ rotate(w[n - 2], 19) ^ (w[n - 2] >>> 10);
          w.push((w[n - 16] + s0 + w[n - 7] + s1) | 0);
        }
      }
      let [a, b, c, d, e, f, g, z] = h;
      for (let n = 0; n < 64; n += 1) {
        const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
        const one = (z + s1 + ((e & f) ^ (~e & g)) + k[n] + w[n]) | 0;
        const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
        const two = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
        [a, b, c, d, e, f, g, z] = [(one + two) | 0, a, b, c, (d + one) | 0, e, f, g];
      }
      [a, b, c, d, e, f, g, z].forEach((v, n) => { h[n] = (h[n] + v) | 0; });
    }
    return h.map((v) => (v >>> 0).toString(16).padStart(8, "0")).join("");
  }

  const key = location.hash.slice(1).toUpperCase();
  const has = /^AGE-SECRET-KEY-1[A-Z0-9]{58}$/.test(key);
  const form = document.querySelector("[data-has-key]");
  form.hidden = !has;
  document.querySelector("[data-no-key]").hidden = has;
  if (has) form.elements.look.value = sha256(`hien-look:${key}`).slice(0, 32);
  if (location.hash) history.replaceState(null, "", location.pathname);
})();
