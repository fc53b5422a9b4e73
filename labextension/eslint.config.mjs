import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

// Who may import what: only the canvas knows sigma, only index.ts and panel/ know JupyterLab.
const sigma = {
  regex: '^(sigma|@sigma)(/|$)',
  message: 'Only src/canvas/ knows sigma: go through its adapter.'
};
const jupyterlab = {
  regex: '^@jupyterlab/',
  message: 'Only src/index.ts and src/panel/ know JupyterLab.'
};
const panel = {
  regex: '(^|/)panel(/|$)',
  message: 'src/panel/ is for JupyterLab alone: the widget must not load it.'
};
const bannedImports = (...patterns) => ({ 'no-restricted-imports': ['error', { patterns }] });

export default defineConfig(
  { ignores: ['lib/'] },
  js.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': 'off', // tsc tells
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true }
      ],
      eqeqeq: 'error',
      'no-console': ['error', { allow: ['warn', 'error'] }],
      // names, labels and properties are text wherever they are shown, never HTML
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML'].map(property => ({
          property,
          message: 'Show text with textContent, never as HTML.'
        }))
      ],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'JSXAttribute[name.name="dangerouslySetInnerHTML"]',
          message: 'Show text as text, never as HTML.'
        }
      ]
    }
  },
  { files: ['src/**/*.{ts,tsx}'], rules: bannedImports(sigma, jupyterlab, panel) },
  { files: ['src/canvas/**/*.{ts,tsx}'], rules: bannedImports(jupyterlab, panel) },
  { files: ['src/index.ts', 'src/panel/**/*.{ts,tsx}'], rules: bannedImports(sigma) }
);
