import './language';
import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import 'dockview/dist/styles/dockview.css';
import './tokens.css';
import './base.css';
import { mount } from 'svelte';
import { App } from './app';
import Window from './window.svelte';

const target = document.getElementById('app');
if (target) mount(Window, { target, props: { app: new App() } });
