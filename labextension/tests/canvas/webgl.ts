/** The names of WebGL, without WebGL: sigma reads its constants when it is loaded. Import it first. */
for (const name of ['WebGLRenderingContext', 'WebGL2RenderingContext']) {
  Object.defineProperty(globalThis, name, { value: {}, configurable: true });
}
