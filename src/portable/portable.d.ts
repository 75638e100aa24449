/** AssemblyScript's number types as TypeScript sees them when the sources of the core run as they are. */
declare type i32 = number;
declare type f64 = number;
declare type u8 = number;
declare type bool = boolean;
