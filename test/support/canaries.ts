/**
 * Secrets of ten formats, the forms in which other programs may repeat them, and a check whether a
 * string contains one.
 */
export const canaries: Readonly<Record<string, string>> = {
  "a key of several lines":
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nQ29sb3VybGVzcyBncmVlbiBpZGVhcyBz\n-----END PRIVATE KEY-----\n",
  "three characters": "q7z",
  "JSON and regex characters": String.raw`a"b\c$1.*+?^(x)[y]{z}|/<w>&'`,
  "base64-looking": "dGhpcyBpcyBub3QgYSBzZWNyZXQ/+A==",
  "the beginning of a word": "marmos",
  "an ordinary word": "marmalade",
  "10 kB": Array.from(
    { length: 640 },
    (_, index) => `Kx${String(index * 7919).padStart(6, "0")}-pQ_z.3`,
  ).join(""),
  "UTF-8": "pässwörd-雪-🔑",
  "a URL": "https://user:p%40ss@host.example.com:8443/a?b=c&d=e#f",
  "a trailing newline": "s3cr3t-w1th-newline\n",
};

export const forms: Readonly<Record<string, (secret: string) => string>> = {
  "as it is": (secret) => secret,
  trimmed: (secret) => secret.trim(),
  "in JSON": (secret) => JSON.stringify({ body: secret }),
  "in JSON in JSON": (secret) => JSON.stringify({ body: JSON.stringify({ body: secret }) }),
  "in JSON of Go": (secret) =>
    JSON.stringify(secret)
      .replaceAll("<", "\\u003c")
      .replaceAll(">", "\\u003e")
      .replaceAll("&", "\\u0026"),
  "in ASCII JSON": (secret) =>
    JSON.stringify(secret).replaceAll(
      /[\u007f-\uffff]/g,
      (text) => `\\u${text.charCodeAt(0).toString(16).padStart(4, "0")}`,
    ),
  "percent-encoded": (secret) => `?q=${encodeURIComponent(secret)}`,
  "as a form": (secret) => new URLSearchParams({ q: secret }).toString(),
  "in small hex": (secret) =>
    encodeURIComponent(secret).replaceAll(/%[0-9A-F]{2}/g, (code) => code.toLowerCase()),
  base64: (secret) => Buffer.from(secret).toString("base64"),
  base64url: (secret) => Buffer.from(secret).toString("base64url"),
  "in HTML": (secret) =>
    secret
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("'", "&#39;"),
};

/** Whether a string contains any recognizable part of the secret. */
export function leaks(output: string, secret: string): boolean {
  const text = secret.trim();
  const size = Math.min(text.length, 12);
  const variants = [text, ...Object.values(forms).map((form) => form(text))];
  return variants.some((variant) => {
    for (let index = 0; index + size <= variant.length; index += size) {
      const fragment = variant.slice(index, index + size);
      if (/[A-Za-z0-9]{3}/.test(fragment) && secret.includes(fragment) && output.includes(fragment))
        return true;
    }
    return false;
  });
}
